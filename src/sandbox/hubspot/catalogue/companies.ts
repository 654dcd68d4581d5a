/** The commonly used part of a portal's company properties. */
import {
  area,
  bool,
  calculated,
  choice,
  datetime,
  grouped,
  money,
  number,
  phone,
  readOnly,
  text,
  type PropertyDefinition,
} from './define.ts'
import { activitySummary, ANALYTICS_SOURCES, lifecycle, ownership, provenance, revenue } from './shared.ts'
import { untouchedProperties } from './untouched.ts'

const INDUSTRIES = `ACCOUNTING AIRLINES_AVIATION ALTERNATIVE_DISPUTE_RESOLUTION ALTERNATIVE_MEDICINE ANIMATION
APPAREL_FASHION ARCHITECTURE_PLANNING ARTS_AND_CRAFTS AUTOMOTIVE AVIATION_AEROSPACE BANKING BIOTECHNOLOGY
BROADCAST_MEDIA BUILDING_MATERIALS BUSINESS_SUPPLIES_AND_EQUIPMENT CAPITAL_MARKETS CHEMICALS
CIVIC_SOCIAL_ORGANIZATION CIVIL_ENGINEERING COMMERCIAL_REAL_ESTATE COMPUTER_NETWORK_SECURITY COMPUTER_GAMES
COMPUTER_HARDWARE COMPUTER_NETWORKING COMPUTER_SOFTWARE INTERNET CONSTRUCTION CONSUMER_ELECTRONICS CONSUMER_GOODS
CONSUMER_SERVICES COSMETICS DAIRY DEFENSE_SPACE DESIGN EDUCATION_MANAGEMENT E_LEARNING
ELECTRICAL_ELECTRONIC_MANUFACTURING ENTERTAINMENT ENVIRONMENTAL_SERVICES EVENTS_SERVICES EXECUTIVE_OFFICE
FACILITIES_SERVICES FARMING FINANCIAL_SERVICES FINE_ART FISHERY FOOD_BEVERAGES FOOD_PRODUCTION FUND_RAISING FURNITURE
GAMBLING_CASINOS GLASS_CERAMICS_CONCRETE GOVERNMENT_ADMINISTRATION GOVERNMENT_RELATIONS GRAPHIC_DESIGN
HEALTH_WELLNESS_AND_FITNESS HIGHER_EDUCATION HOSPITAL_HEALTH_CARE HOSPITALITY HUMAN_RESOURCES IMPORT_AND_EXPORT
INDIVIDUAL_FAMILY_SERVICES INDUSTRIAL_AUTOMATION INFORMATION_SERVICES INFORMATION_TECHNOLOGY_AND_SERVICES INSURANCE
INTERNATIONAL_AFFAIRS INTERNATIONAL_TRADE_AND_DEVELOPMENT INVESTMENT_BANKING INVESTMENT_MANAGEMENT JUDICIARY
LAW_ENFORCEMENT LAW_PRACTICE LEGAL_SERVICES LEGISLATIVE_OFFICE LEISURE_TRAVEL_TOURISM LIBRARIES
LOGISTICS_AND_SUPPLY_CHAIN LUXURY_GOODS_JEWELRY MACHINERY MANAGEMENT_CONSULTING MARITIME MARKET_RESEARCH
MARKETING_AND_ADVERTISING MECHANICAL_OR_INDUSTRIAL_ENGINEERING MEDIA_PRODUCTION MEDICAL_DEVICES MEDICAL_PRACTICE
MENTAL_HEALTH_CARE MILITARY MINING_METALS MOTION_PICTURES_AND_FILM MUSEUMS_AND_INSTITUTIONS MUSIC NANOTECHNOLOGY
NEWSPAPERS NON_PROFIT_ORGANIZATION_MANAGEMENT OIL_ENERGY ONLINE_MEDIA OUTSOURCING_OFFSHORING PACKAGE_FREIGHT_DELIVERY
PACKAGING_AND_CONTAINERS PAPER_FOREST_PRODUCTS PERFORMING_ARTS PHARMACEUTICALS PHILANTHROPY PHOTOGRAPHY PLASTICS
POLITICAL_ORGANIZATION PRIMARY_SECONDARY_EDUCATION PRINTING PROFESSIONAL_TRAINING_COACHING PROGRAM_DEVELOPMENT
PUBLIC_POLICY PUBLIC_RELATIONS_AND_COMMUNICATIONS PUBLIC_SAFETY PUBLISHING RAILROAD_MANUFACTURE RANCHING REAL_ESTATE
RECREATIONAL_FACILITIES_AND_SERVICES RELIGIOUS_INSTITUTIONS RENEWABLES_ENVIRONMENT RESEARCH RESTAURANTS RETAIL
SECURITY_AND_INVESTIGATIONS SEMICONDUCTORS SHIPBUILDING SPORTING_GOODS SPORTS STAFFING_AND_RECRUITING SUPERMARKETS
TELECOMMUNICATIONS TEXTILES THINK_TANKS TOBACCO TRANSLATION_AND_LOCALIZATION TRANSPORTATION_TRUCKING_RAILROAD
UTILITIES VENTURE_CAPITAL_PRIVATE_EQUITY VETERINARY WAREHOUSING WHOLESALE WINE_AND_SPIRITS WIRELESS
WRITING_AND_EDITING MOBILE_GAMES`.split(/\s+/)

export const COMPANY_PROPERTIES: readonly PropertyDefinition[] = [
  ...grouped('companyinformation', [
    text('name', 'Company name'),
    // Not unique: HubSpot's own import dedupes on it, the API does not (fact sheet 8).
    text('domain', 'Company domain name'),
    text('website', 'Website URL'),
    phone('phone', 'Phone number'),
    text('address', 'Street address'),
    text('address2', 'Street address 2'),
    text('city', 'City'),
    text('state', 'State/Region'),
    text('zip', 'Postal code'),
    text('country', 'Country/Region'),
    text('timezone', 'Time zone'),
    choice('industry', 'Industry', 'select', INDUSTRIES),
    choice('type', 'Type', 'select', ['PROSPECT', 'PARTNER', 'RESELLER', 'VENDOR', 'OTHER']),
    area('description', 'Description'),
    area('about_us', 'About us'),
    number('numberofemployees', 'Number of employees'),
    money('annualrevenue', 'Annual revenue'),
    text('founded_year', 'Year founded'),
    bool('is_public', 'Is public'),
    text('total_money_raised', 'Total money raised'),
    choice('web_technologies', 'Web technologies', 'checkbox', [
      'google_analytics|Google Analytics',
      'hubspot|HubSpot',
      'salesforce|Salesforce',
      'shopify|Shopify',
      'wordpress|WordPress',
    ]),
    choice('hs_ideal_customer_profile', 'Ideal customer profile tier', 'select', [
      'tier_1|Tier 1',
      'tier_2|Tier 2',
      'tier_3|Tier 3',
    ]),
    bool('hs_is_target_account', 'Target account'),
    text('hs_country_code', 'Country/Region code'),
    text('hs_state_code', 'State/Region code'),
    choice('hs_employee_range', 'Employee range', 'select', [
      '1|1',
      '2 - 10|2 - 10',
      '11 - 50|11 - 50',
      '51 - 250|51 - 250',
      '251 - 1K|251 - 1K',
      '1K+|1K+',
    ]),
    choice('hs_revenue_range', 'Revenue range', 'select', [
      '0 - 1M|0 - 1M',
      '1M - 10M|1M - 10M',
      '10M - 50M|10M - 50M',
      '50M - 100M|50M - 100M',
      '100M+|100M+',
    ]),
    text('hs_logo_url', 'Logo URL'),
    text('hs_quick_context', 'Quick context'),
    datetime('closedate', 'Close date'),
    readOnly(
      choice('hs_additional_domains', 'Additional domains', 'checkbox', [], { externalOptions: true }),
    ),
    readOnly(text('hs_task_label', 'Task label')),
    readOnly(datetime('createdate', 'Create date')),
    readOnly(datetime('hs_lastmodifieddate', 'Last modified date')),
    readOnly(number('hs_parent_company_id', 'Parent company', { referencedObjectType: 'COMPANY' })),
    calculated(number('num_associated_contacts', 'Number of associated contacts')),
    calculated(number('hs_num_child_companies', 'Number of child companies')),
    calculated(number('hs_num_open_deals', 'Number of open deals')),
    readOnly(text('hs_annual_revenue_currency_code', 'Annual revenue currency code')),
    ...untouchedProperties('0-2'),
    ...lifecycle(),
    ...ownership(),
    ...activitySummary(),
    ...provenance(),
    ...revenue(),
  ]),
  ...grouped('socialmediainformation', [
    text('linkedin_company_page', 'LinkedIn company page'),
    text('linkedinbio', 'LinkedIn bio'),
    text('twitterhandle', 'Twitter handle'),
    number('twitterfollowers', 'Twitter followers'),
    text('facebook_company_page', 'Facebook company page'),
  ]),
  ...grouped('analyticsinformation', [
    choice('hs_analytics_source', 'Original traffic source', 'select', ANALYTICS_SOURCES),
    calculated(number('hs_analytics_num_page_views', 'Number of pageviews')),
  ]),
]
